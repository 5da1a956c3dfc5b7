// What somebody has entered in a view or a message, in the shape of Slack's `state.values`.

/** The values of the inputs of one surface, by `block_id` and `action_id`. */
export class Form {
  #values = new Map();

  /** Sets the value of an input: an object as in `state.values`. */
  set(blockId, actionId, value) {
    if (!this.#values.has(blockId)) this.#values.set(blockId, new Map());
    this.#values.get(blockId).set(actionId, value);
  }

  /** The value of an input; undefined if nobody has touched it. */
  get(blockId, actionId) {
    return this.#values.get(blockId)?.get(actionId);
  }

  /** All values, of the blocks that are still there. */
  values(blocks) {
    const known = new Set(blocks.map((block) => block?.block_id));
    const all = [...this.#values].filter(([blockId]) => known.has(blockId));
    return Object.fromEntries(all.map(([blockId, actions]) => [blockId, Object.fromEntries(actions)]));
  }
}

/** The value of an element before anybody touches it, as in `state.values`. */
export function initial(element) {
  const type = element.type;
  const of = (fields) => ({ type, ...fields });
  switch (type) {
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return of({ value: element.initial_value ?? null });
    case "static_select":
    case "external_select":
    case "radio_buttons":
      return of({ selected_option: element.initial_option ?? null });
    case "multi_static_select":
    case "multi_external_select":
    case "checkboxes":
      return of({ selected_options: element.initial_options ?? [] });
    case "users_select":
      return of({ selected_user: element.initial_user ?? null });
    case "conversations_select":
      return of({ selected_conversation: element.initial_conversation ?? null });
    case "channels_select":
      return of({ selected_channel: element.initial_channel ?? null });
    case "multi_users_select":
      return of({ selected_users: element.initial_users ?? [] });
    case "multi_conversations_select":
      return of({ selected_conversations: element.initial_conversations ?? [] });
    case "multi_channels_select":
      return of({ selected_channels: element.initial_channels ?? [] });
    case "datepicker":
      return of({ selected_date: element.initial_date ?? null });
    case "timepicker":
      return of({ selected_time: element.initial_time ?? null });
    case "datetimepicker":
      return of({ selected_date_time: element.initial_date_time ?? null });
    case "rich_text_input":
      return of({ rich_text_value: element.initial_value ?? null });
    case "file_input":
      return of({ files: [] });
    default:
      return null;
  }
}

/** What a click on an element carries: of `state.values`, that which was chosen. */
export function chosen(value) {
  const [, picked] = Object.entries(value).find(([name]) => name !== "type") ?? [];
  const plain = (one) => (one !== null && typeof one === "object" && "value" in one ? one.value : one);
  return Array.isArray(picked) ? picked.map(plain) : plain(picked);
}
