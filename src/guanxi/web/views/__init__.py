"""The pages. No business rule lives here: views read through the read door and write through the write door."""
