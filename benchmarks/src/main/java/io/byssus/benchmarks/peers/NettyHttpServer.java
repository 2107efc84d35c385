package io.byssus.benchmarks.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * The HTTP peer on Netty 4.2: {@link HttpServerCodec} and a handler that answers {@code /plaintext}
 * with the bytes on which all HTTP peers agree, see the package comment.
 *
 * <p>It takes the liberties that Netty's own entry in the public web framework benchmarks takes:
 * the body is one shared direct buffer, header names are constants, and the response's headers are
 * not validated again. Flushing on {@code channelReadComplete} sends the answers of a pipelined
 * batch in one write.
 */
public final class NettyHttpServer {
    private NettyHttpServer() {}

    public static void main(String[] arguments) throws Exception {
        PlaintextHandler handler = new PlaintextHandler();
        NettyPeer.serve(
                arguments,
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(new HttpServerCodec(), handler);
                    }
                });
    }

    private static final class PlaintextHandler extends SimpleChannelInboundHandler<HttpObject> {
        private static final byte[] BODY = "Hello, World!".getBytes(StandardCharsets.US_ASCII);
        private static final ByteBuf SHARED_BODY =
                Unpooled.unreleasableBuffer(
                        Unpooled.directBuffer(BODY.length).writeBytes(BODY).asReadOnly());
        private static final HttpHeadersFactory UNVALIDATED =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false);
        private static final AsciiString CONTENT_TYPE = AsciiString.cached("Content-Type");
        private static final AsciiString CONTENT_LENGTH = AsciiString.cached("Content-Length");
        private static final AsciiString TEXT_PLAIN = AsciiString.cached("text/plain");
        private static final AsciiString BODY_LENGTH =
                AsciiString.cached(Integer.toString(BODY.length));
        private static final AsciiString NO_BODY_LENGTH = AsciiString.cached("0");

        /** Instead of the annotation, which javac reports as claimed by no processor. */
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
            // The codec sends the request's head and then its (empty) end: the head is answered.
            if (message instanceof HttpRequest request) {
                FullHttpResponse response = answer(request.uri());
                if (HttpUtil.isKeepAlive(request)) {
                    context.write(response, context.voidPromise());
                } else {
                    HttpUtil.setKeepAlive(response, false);
                    context.write(response).addListener(ChannelFutureListener.CLOSE);
                }
            }
        }

        private static FullHttpResponse answer(String uri) {
            boolean known = uri.equals("/plaintext") || uri.equals("/");
            FullHttpResponse response =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1,
                            known ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND,
                            known ? SHARED_BODY.duplicate() : Unpooled.EMPTY_BUFFER,
                            UNVALIDATED,
                            UNVALIDATED);
            response.headers()
                    .set(CONTENT_TYPE, TEXT_PLAIN)
                    .set(CONTENT_LENGTH, known ? BODY_LENGTH : NO_BODY_LENGTH);
            return response;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // A load generator that ends with requests in flight resets its connections.
            context.close();
        }
    }
}
