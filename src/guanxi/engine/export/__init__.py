"""Lists as files: CSV, XLSX and JSON lines, only what the person may see, with approval above the company's limit."""
