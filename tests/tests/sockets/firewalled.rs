//! A Slack that only a proxy leads to.

use crate::harness::{Bot, LONG, Stage, ms};
use crate::network::{Authority, HttpProxy, ProxyOptions, TlsFront};
use socketmode_driver::{Network, Runtime};
use socketmode_protocol::ConnectionError;
use socketmode_simulator::{CHANNEL, Options, PERSON};

/// What only a proxy can find: nobody else knows the name.
pub(crate) const HOST: &str = "slack.test";

/// A Slack at `https://slack.test`, reached by a proxy alone.
pub(crate) struct Firewalled<R: Runtime> {
    pub(crate) stage: Stage<R>,
    pub(crate) proxy: HttpProxy,
    pub(crate) front: TlsFront,
    authority: Authority,
}

impl<R: Runtime> Firewalled<R> {
    pub(crate) fn new(options: ProxyOptions) -> Self {
        Self::with(Authority::new(), options)
    }

    pub(crate) fn with(authority: Authority, options: ProxyOptions) -> Self {
        let stage = Stage::<R>::new(Options { ack_deadline: ms(500), ..Options::default() });
        let front = TlsFront::start(stage.slack.address(), &authority.issue(&[HOST]));
        stage.slack.set_public_origin(&format!("https://{HOST}"));
        let names = [(HOST.to_owned(), front.address())].into();
        Self { stage, authority, proxy: HttpProxy::start(ProxyOptions { names, ..options }), front }
    }

    pub(crate) fn network(&self) -> Network {
        Network::default().proxy(self.proxy.url()).add_root_certificates(self.authority.pem())
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn bot(&self, network: &Network) -> Bot<R> {
        self.stage.bot(self.stage.builder_by(network))
    }

    /// A failed attempt that names the proxy and Slack and says this, without a secret.
    pub(crate) async fn failure(&self, bot: &mut Bot<R>, says: &str) {
        let error = bot.failure().await;
        assert!(matches!(error, ConnectionError::OpenFailed(_)), "{error:?}");
        let detail = error.to_string();
        for word in [&*self.proxy.url(), HOST, says] {
            assert!(detail.contains(word), "{detail:?} does not say {word:?}");
        }
        assert!(!detail.contains(PASSWORD), "{detail}");
    }

    /// An envelope comes, and its acknowledgement gets through.
    pub(crate) async fn works(&self, bot: &mut Bot<R>) {
        let id = self.stage.slack.say(PERSON, CHANNEL, "from the outside");
        self.stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
        self.stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    }
}

pub(crate) const USER: &str = "al@ddin";
pub(crate) const PASSWORD: &str = "öpen:sesame/1%";

pub(crate) fn guarded() -> ProxyOptions {
    ProxyOptions { credentials: Some((USER.to_owned(), PASSWORD.to_owned())), ..ProxyOptions::default() }
}
