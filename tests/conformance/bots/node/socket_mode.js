// A bot on @slack/socket-mode and @slack/web-api.
const { SocketModeClient } = require('@slack/socket-mode');
const { WebClient } = require('@slack/web-api');
const { form, question, options, written } = require('./dialogue');

const slackApiUrl = process.env.SLACK_API_URL;
const web = new WebClient(process.env.SLACK_BOT_TOKEN, { slackApiUrl });
const socket = new SocketModeClient({
  appToken: process.env.SLACK_APP_TOKEN,
  clientOptions: { slackApiUrl },
});

socket.on('message', async ({ event, ack }) => {
  await ack();
  if (event.text === 'ping') await web.chat.postMessage({ channel: event.channel, text: 'pong' });
});
socket.on('app_mention', async ({ event, ack }) => {
  await ack();
  await web.chat.postMessage({ channel: event.channel, ...question });
});
socket.on('team_join', ({ ack }) => ack());
socket.on('slash_commands', async ({ body, ack }) => {
  if (body.command === '/echo') return ack({ text: `echo: ${body.text}` });
  await ack();
  await web.views.open({ trigger_id: body.trigger_id, view: form });
});
socket.on('interactive', async ({ body, ack }) => {
  const say = (text) => web.chat.postMessage({ channel: process.env.CHANNEL, text });
  switch (body.type) {
    case 'block_suggestion':
      return ack(options(body.value));
    case 'view_submission':
      if (written(body.view) === 'bad') {
        return ack({ response_action: 'errors', errors: { when: 'Not then' } });
      }
      await ack();
      return say(`submitted: ${written(body.view)}`);
    case 'block_actions':
      await ack();
      return say(`pressed: ${body.actions[0].value}`);
    case 'shortcut':
      await ack();
      return say('shortcut');
    case 'message_action':
      await ack();
      return say(`about: ${body.message.text}`);
    default:
      return ack();
  }
});
socket.on('error', (error) => console.error(error.message));
socket.start().catch((error) => console.error(error.message));
