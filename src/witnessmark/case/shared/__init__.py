"""A case that several people work on: the journal in PostgreSQL, the blobs in a shared store, and on every machine a
folder that follows both and checks all that it is given."""
