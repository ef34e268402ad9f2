"""What the mock server can be made to do, by what it is done to."""
