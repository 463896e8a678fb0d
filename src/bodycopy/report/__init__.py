"""What a run tells: the removal log, the explanation of one text, the closing summary."""
