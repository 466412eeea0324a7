// SmolVLM's chat template with videos. The ones in its checkpoints know pictures only, and transformers puts another in their
// place as soon as a message holds a video; this writes the same text for either.

/** Jinja text. A turn that begins with a picture has no space after its colon. */
export const SMOLVLM_TEMPLATE = [
  '<|im_start|>{% for message in messages %}',
  "{{ message.role | capitalize }}:{% if message.content[0].type != 'image' %}{{ ' ' }}{% endif %}",
  '{% for part in message.content %}',
  "{% if part.type == 'text' %}{{ part.text }}{% else %}{{ '<' + part.type + '>' }}{% endif %}",
  '{% endfor %}<end_of_utterance>{{ "\\n" }}',
  "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}",
].join('')
