// A small table of emoji by their short names, as Slack has them. One that is not here is shown by its name.

const TABLE = {
  "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", ok_hand: "👌", wave: "👋", clap: "👏", raised_hands: "🙌",
  pray: "🙏", handshake: "🤝", muscle: "💪", point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇",
  eyes: "👀", smile: "😄", smiley: "😃", grinning: "😀", grin: "😁", joy: "😂", rolling_on_the_floor_laughing: "🤣",
  slightly_smiling_face: "🙂", wink: "😉", blush: "😊", heart_eyes: "😍", thinking_face: "🤔", neutral_face: "😐",
  sweat_smile: "😅", sunglasses: "😎", cry: "😢", sob: "😭", scream: "😱", angry: "😠", rage: "😡", sleeping: "😴",
  face_with_rolling_eyes: "🙄", upside_down_face: "🙃", exploding_head: "🤯", shrug: "🤷", facepalm: "🤦",
  partying_face: "🥳", robot_face: "🤖", ghost: "👻", skull: "💀", heart: "❤️", blue_heart: "💙", green_heart: "💚",
  yellow_heart: "💛", purple_heart: "💜", broken_heart: "💔", fire: "🔥", star: "⭐", sparkles: "✨", zap: "⚡",
  boom: "💥", tada: "🎉", confetti_ball: "🎊", balloon: "🎈", gift: "🎁", trophy: "🏆", medal: "🏅", rocket: "🚀",
  airplane: "✈️", ship: "🚢", car: "🚗", bike: "🚲", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌",
  heavy_multiplication_x: "✖️", warning: "⚠️", no_entry: "⛔", no_entry_sign: "🚫", rotating_light: "🚨",
  exclamation: "❗", question: "❓", bangbang: "‼️", interrobang: "⁉️", information_source: "ℹ️", sos: "🆘", new: "🆕",
  ok: "🆗", up: "🆙", cool: "🆒", free: "🆓", "100": "💯", red_circle: "🔴", large_blue_circle: "🔵",
  large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠", white_circle: "⚪", black_circle: "⚫",
  large_green_square: "🟩", large_red_square: "🟥", hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️",
  alarm_clock: "⏰", clock1: "🕐", calendar: "📅", date: "📅", spiral_calendar_pad: "🗓️", memo: "📝", pencil: "📝",
  pencil2: "✏️", clipboard: "📋", books: "📚", book: "📖", bookmark: "🔖", label: "🏷️", newspaper: "📰", page_facing_up: "📄",
  file_folder: "📁", open_file_folder: "📂", package: "📦", mailbox: "📫", email: "✉️", envelope: "✉️", incoming_envelope: "📨",
  inbox_tray: "📥", outbox_tray: "📤", bell: "🔔", no_bell: "🔕", mega: "📣", loudspeaker: "📢", speech_balloon: "💬",
  thought_balloon: "💭", mag: "🔍", lock: "🔒", unlock: "🔓", key: "🔑", hammer: "🔨", wrench: "🔧", gear: "⚙️",
  hammer_and_wrench: "🛠️", nut_and_bolt: "🔩", link: "🔗", paperclip: "📎", scissors: "✂️", wastebasket: "🗑️", bulb: "💡",
  battery: "🔋", electric_plug: "🔌", computer: "💻", desktop_computer: "🖥️", keyboard: "⌨️", iphone: "📱", telephone: "☎️",
  satellite: "📡", floppy_disk: "💾", camera: "📷", movie_camera: "🎥", tv: "📺", microphone: "🎤", musical_note: "🎵",
  art: "🎨", dart: "🎯", game_die: "🎲", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊",
  moneybag: "💰", dollar: "💵", credit_card: "💳", pushpin: "📌", round_pushpin: "📍", triangular_flag_on_post: "🚩",
  checkered_flag: "🏁", construction: "🚧", ambulance: "🚑", fire_engine: "🚒", police_car: "🚓", house: "🏠", office: "🏢",
  hospital: "🏥", factory: "🏭", earth_africa: "🌍", earth_americas: "🌎", globe_with_meridians: "🌐", sunny: "☀️",
  partly_sunny: "⛅", cloud: "☁️", rain_cloud: "🌧️", snowflake: "❄️", umbrella: "☂️", rainbow: "🌈", ocean: "🌊",
  crescent_moon: "🌙", seedling: "🌱", evergreen_tree: "🌲", deciduous_tree: "🌳", herb: "🌿", four_leaf_clover: "🍀",
  rose: "🌹", sunflower: "🌻", tulip: "🌷", cherry_blossom: "🌸", apple: "🍎", banana: "🍌", pizza: "🍕", hamburger: "🍔",
  fries: "🍟", taco: "🌮", cake: "🍰", birthday: "🎂", cookie: "🍪", doughnut: "🍩", coffee: "☕", tea: "🍵", beer: "🍺",
  beers: "🍻", wine_glass: "🍷", dog: "🐶", cat: "🐱", mouse: "🐭", rabbit: "🐰", fox_face: "🦊", bear: "🐻", panda_face: "🐼",
  tiger: "🐯", lion_face: "🦁", cow: "🐮", pig: "🐷", frog: "🐸", monkey_face: "🐵", see_no_evil: "🙈", chicken: "🐔",
  penguin: "🐧", bird: "🐦", bee: "🐝", bug: "🐛", butterfly: "🦋", snail: "🐌", turtle: "🐢", snake: "🐍", crab: "🦀",
  octopus: "🐙", fish: "🐟", whale: "🐳", dolphin: "🐬", unicorn_face: "🦄", arrow_up: "⬆️", arrow_down: "⬇️",
  arrow_left: "⬅️", arrow_right: "➡️", arrows_counterclockwise: "🔄", repeat: "🔁", back: "🔙", soon: "🔜", one: "1️⃣",
  two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", heavy_plus_sign: "➕", heavy_minus_sign: "➖", recycle: "♻️",
  copyright: "©️", tm: "™️", infinity: "♾️", checkered: "🏁", crystal_ball: "🔮", magic_wand: "🪄", ladybug: "🐞",
};

/** The emoji of this short name; null if it is not in the table. A skin tone after it is left out. */
export function emojiOf(name) {
  const base = String(name).split("::")[0];
  return Object.hasOwn(TABLE, base) ? TABLE[base] : null;
}

/** The short names that contain these letters, those that begin with them first. */
export function emojiNamed(letters, most) {
  const names = Object.keys(TABLE).filter((name) => name.includes(letters));
  return names.sort((a, b) => Number(b.startsWith(letters)) - Number(a.startsWith(letters))).slice(0, most);
}

/** Those offered first. */
export const COMMON = ["+1", "eyes", "white_check_mark", "tada", "heart", "joy", "thinking_face", "rocket", "fire", "x"];
