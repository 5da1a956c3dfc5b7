// What the bot says, for both SDKs: the same dialogue as in every other language here.

exports.form = {
  type: 'modal',
  callback_id: 'form',
  title: { type: 'plain_text', text: 'An order' },
  submit: { type: 'plain_text', text: 'Send' },
  blocks: [
    {
      type: 'input',
      block_id: 'when',
      label: { type: 'plain_text', text: 'When' },
      element: { type: 'plain_text_input', action_id: 'value' },
    },
    {
      type: 'input',
      block_id: 'what',
      optional: true,
      label: { type: 'plain_text', text: 'What' },
      element: { type: 'external_select', action_id: 'service', min_query_length: 1 },
    },
  ],
};

exports.question = {
  text: 'Shall I?',
  blocks: [
    {
      type: 'actions',
      block_id: 'answer',
      elements: [
        { type: 'button', action_id: 'approve', value: 'yes', text: { type: 'plain_text', text: 'Yes' } },
      ],
    },
  ],
};

exports.options = (typed) => ({
  options: [{ text: { type: 'plain_text', text: typed.toUpperCase() }, value: typed }],
});

exports.written = (view) => view.state.values.when.value.value;
