"""What a person did where a file does not read: the text is mended in one way after another and read again."""
