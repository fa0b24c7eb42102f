"""A web site of our own on loopback that writes down every byte it read and sent."""
