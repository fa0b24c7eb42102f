"""Names in the tables of compiled files: symbols, constants, resources, and the types that metadata keep."""
