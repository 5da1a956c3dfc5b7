use socketmode_driver::{BotToken, Client, Runtime};

fn start<R: Runtime>(token: BotToken) {
    let _ = Client::<R>::builder(token);
}

fn main() {}
