"""One module per noun that commands are about; each decides and changes nothing."""
