variable "letter_model" {
  default = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
}
