MODEL = "gpt-3.5-turbo-0301"
