//! A socket whose type hides the WebSocket library.

#[doc(hidden)]
pub use futures_core::Stream;
#[doc(hidden)]
pub use futures_sink::Sink;

/// Defines a [`Transport::Socket`](crate::Transport::Socket): a [`WebSocket`](crate::net::websocket::WebSocket) over this
/// stream, made with `new` in the module of the definition. A transport with such a socket can change the WebSocket library
/// without a change for its users.
///
/// ```
/// use async_tungstenite::WebSocketStream;
/// use smol::net::TcpStream;
///
/// socketmode_driver::net::websocket::opaque_socket! {
///     /// An open WebSocket.
///     pub struct MySocket(WebSocketStream<TcpStream>);
/// }
/// ```
#[doc(hidden)] // At the root of the crate, where the language puts it. It is shown where it is exported below.
#[macro_export]
macro_rules! __opaque_socket {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident($stream:ty);) => {
        $(#[$attribute])*
        $visibility struct $name($crate::net::websocket::WebSocket<$stream>);

        impl $name {
            fn new(stream: $stream) -> Self {
                Self($crate::net::websocket::WebSocket::new(stream))
            }
        }

        const _: () = {
            use ::core::pin::Pin;
            use ::core::task::{Context, Poll};
            use $crate::net::websocket::Text;
            use $crate::net::websocket::opaque::{Sink, Stream};
            use $crate::{Frame, TransportError};

            impl Stream for $name {
                type Item = Result<Frame<Text>, TransportError>;

                fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
                    Pin::new(&mut self.0).poll_next(cx)
                }
            }

            impl Sink<Frame<Text>> for $name {
                type Error = TransportError;

                fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
                    Pin::new(&mut self.0).poll_ready(cx)
                }

                fn start_send(mut self: Pin<&mut Self>, frame: Frame<Text>) -> Result<(), TransportError> {
                    Pin::new(&mut self.0).start_send(frame)
                }

                fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
                    Pin::new(&mut self.0).poll_flush(cx)
                }

                fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
                    Pin::new(&mut self.0).poll_close(cx)
                }
            }

            impl ::core::fmt::Debug for $name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(::core::stringify!($name)).finish_non_exhaustive()
                }
            }
        };
    };
}

#[doc(inline)]
pub use __opaque_socket as opaque_socket;
