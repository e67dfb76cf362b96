"""Makes the man pages and the shells' completion out of the programs' own help; run at installation."""
