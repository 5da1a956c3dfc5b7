// What the person does, through the control API.

import { post } from "./api.js";
import { askLine, confirmed } from "./dialogs.js";
import { chosen } from "./form.js";

const SUGGESTIONS_MS = 4000;

/** The acts of the session's person; `tell(words)` says what was refused. */
export function actsOf(store, session, tell) {
  const act = async (path, body) => {
    try {
      return await post(path, { user: session.me, ...body });
    } catch (error) {
      tell(error.message);
      return null;
    }
  };
  const at = (message) => ({ channel: message.channel, ts: message.ts });
  return {
    say: (channel, text, threadTs) => act("say", { channel, text, thread_ts: threadTs }),
    command: (channel, command, text) => act("command", { channel, command, text }),
    edit: (message, text) => act("edit", { ...at(message), text }),
    async remove(message) {
      const question = { title: "Delete this message?", text: { type: "plain_text", text: message.text || "It has no text." }, confirm: "Delete", style: "danger" };
      if (await confirmed(question, { user: () => null, channel: () => null })) await act("delete", at(message));
    },
    react: (message, name, remove) => act("react", { ...at(message), name, remove: remove || undefined }),
    press: (target, value) => act("press", { ...target, value: chosen(value) }),
    async suggest(target) {
      // The entry may come before the answer to this call.
      const found = store.next((entry) => entry.kind === "ack" && isSuggestion(store, entry, target), SUGGESTIONS_MS);
      if (!(await act("suggest", target))) throw new Error("the simulator refused");
      const entry = await found;
      if (!entry) throw new Error("the bot did not answer in time");
      return entry.payload ?? {};
    },
    async shortcut(message) {
      const callbackId = await askLine(message ? "Run a message shortcut" : "Run a global shortcut", "Its callback_id", "", { action: "Run" });
      if (callbackId) await act("shortcut", { callback_id: callbackId.trim(), ...(message && at(message)) });
    },
    submit: (viewId, values) => act("submit", { view_id: viewId, values }),
    closeView: (viewId) => act("close_view", { view_id: viewId }),
    home: () => act("home", {}),
    async link(id, order) {
      try {
        await post(`links/${id}/${order}`, {});
      } catch (error) {
        tell(error.message);
      }
    },
    async set(path, body) {
      try {
        await post(path, body);
      } catch (error) {
        tell(error.message);
      }
    },
  };
}

function isSuggestion(store, entry, target) {
  const payload = store.envelopes.get(entry.envelope_id)?.payload;
  return payload?.type === "block_suggestion" && payload.action_id === target.action_id && payload.value === target.value;
}
