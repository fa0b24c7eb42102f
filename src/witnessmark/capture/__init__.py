"""A page, a download or somebody's archive, kept byte for byte with what is known of where it came from."""
