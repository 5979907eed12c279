import OpenAI from "openai";

export async function chat(text: string) {
  return new OpenAI().responses.create({ model: "gpt-6-luna", input: text });
}
