// A bot on Bolt for JavaScript.
const { App } = require('@slack/bolt');
const { form, question, options, written } = require('./dialogue');

const clientOptions = { slackApiUrl: process.env.SLACK_API_URL };
const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions,
  // Bolt takes those of its Socket Mode client from here.
  installerOptions: { clientOptions },
});
const say = (client, text) => client.chat.postMessage({ channel: process.env.CHANNEL, text });

app.message('ping', ({ say: answer }) => answer('pong'));
app.event('app_mention', ({ say: answer }) => answer(question));
app.command('/echo', ({ command, ack }) => ack(`echo: ${command.text}`));
app.command('/form', async ({ body, ack, client }) => {
  await ack();
  await client.views.open({ trigger_id: body.trigger_id, view: form });
});
app.options('service', ({ payload, ack }) => ack(options(payload.value)));
app.view('form', async ({ view, ack, client }) => {
  if (written(view) === 'bad') {
    return ack({ response_action: 'errors', errors: { when: 'Not then' } });
  }
  await ack();
  await say(client, `submitted: ${written(view)}`);
});
app.action('approve', async ({ action, ack, client }) => {
  await ack();
  await say(client, `pressed: ${action.value}`);
});
app.shortcut('global', async ({ ack, client }) => {
  await ack();
  await say(client, 'shortcut');
});
app.shortcut('about', async ({ shortcut, ack, client }) => {
  await ack();
  await say(client, `about: ${shortcut.message.text}`);
});
app.error(async (error) => console.error(error.message));
app.start().catch((error) => console.error(error.message));
