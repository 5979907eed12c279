"""What all of the pin's samples of a case share, and how the candidate's break it."""
