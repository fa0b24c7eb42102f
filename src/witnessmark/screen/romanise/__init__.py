"""Other scripts in Latin letters, one file a script. Each reading keeps the name of the way it was made."""
