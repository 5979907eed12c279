export const model = "claude-opus-4-8";
