// Slack's own library for Node against our strict workspace: an app that answers, renews, opens forms, sends files.
const { App, LogLevel } = require("@slack/bolt");
const given = JSON.parse(process.argv[2]);
const tell = (happened, more = {}) => process.stdout.write(JSON.stringify({ happened, ...more }) + "\n");

const app = new App({
  token: given.botToken, appToken: given.appToken, socketMode: true, logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: given.base, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
});
const button = (value) => ({ type: "actions", elements: [
  { type: "button", action_id: "b0", text: { type: "plain_text", text: "确认" }, value }] });
const text = (words) => ({ type: "rich_text", elements: [
  { type: "rich_text_section", elements: [{ type: "text", text: words }] }] });

app.event("message", async ({ event, say }) => {
  const made = await say({ text: "请确认", blocks: [text(`收到 ${event.text}`), button("step.ack:1")] });
  tell("said", { text: event.text, user: event.user, ts: made.ts });
});
app.event("app_mention", async ({ event, say }) => {
  await say({ text: "在车缝", thread_ts: event.ts });
  tell("mentioned", { channel: event.channel });
});
app.action(/.*/, async ({ action, ack, body, client }) => {
  await ack();
  await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text: "已确认", blocks: [text("已确认")] });
  tell("pressed", { value: action.value, user: body.user.id });
});
app.command("/gendan", async ({ command, ack, client }) => {
  await ack();
  await client.views.open({ trigger_id: command.trigger_id, view: {
    type: "modal", callback_id: "form", title: { type: "plain_text", text: "推迟" }, submit: { type: "plain_text", text: "好" },
    blocks: [{ type: "input", block_id: "until", label: { type: "plain_text", text: "到" }, element: { type: "datepicker", action_id: "v" } }] } });
  tell("commanded", { text: command.text });
});
app.view("form", async ({ view, ack }) => {
  const date = view.state.values.until.v.selected_date;
  if (!date) return ack({ response_action: "errors", errors: { until: "请填写" } });
  await ack();
  tell("submitted", { date });
});
app.event("app_home_opened", async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: { type: "home", blocks: [text("没有事项")] } });
  tell("home");
});
app.error(async (problem) => tell("problem", { said: String(problem) }));

async function call(method, args) {
  try {
    const found = await method.split(".").reduce((place, name) => place[name].bind?.(place) ?? place[name], app.client)(args);
    tell("answered", { ok: found.ok ?? true });
  } catch (problem) {
    tell("refused", { error: problem.data?.error ?? problem.code, seconds: problem.retryAfter ?? problem.data?.retryAfter ?? null });
  }
}
require("readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  const wanted = JSON.parse(line);
  if (wanted.upload) {
    wanted.args.file = Buffer.from(wanted.upload, "base64");
    const found = await app.client.filesUploadV2(wanted.args);
    return tell("answered", { ok: found.ok });
  }
  await call(wanted.method, wanted.args);
});
app.start().then(() => tell("started"));
