"""What is kept for how long: emptying the recycle bin, and thinning the field history."""
