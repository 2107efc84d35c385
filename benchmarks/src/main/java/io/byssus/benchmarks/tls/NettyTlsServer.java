package io.byssus.benchmarks.tls;

import io.byssus.benchmarks.Arguments;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers {@link TlsRequest}s on one event loop, with Netty's defaults. */
public final class NettyTlsServer {
    private NettyTlsServer() {}

    public static void main(String[] arguments) throws Exception {
        Arguments given =
                Arguments.parse(
                        arguments,
                        "usage: --cert FILE --key FILE --provider jdk|openssl",
                        List.of("cert", "key", "provider"),
                        List.of());
        SslContext tls =
                SslContextBuilder.forServer(
                                new File(given.text("cert", "")), new File(given.text("key", "")))
                        .sslProvider(given.constant("provider", SslProvider.class, SslProvider.JDK))
                        .protocols("TLSv1.3")
                        .ciphers(List.of(TlsRequest.CIPHER))
                        .build();
        if (tls.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setTicketKeys(); // BoringSSL makes and rotates them
        }
        ByteBuf piece =
                Unpooled.directBuffer(TlsRequest.PIECE_BYTES).writeZero(TlsRequest.PIECE_BYTES);
        MultiThreadIoEventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Channel server =
                new ServerBootstrap()
                        .group(loop)
                        .channel(EpollServerSocketChannel.class)
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel channel) {
                                        channel.pipeline()
                                                .addLast(tls.newHandler(channel.alloc()))
                                                .addLast(new Answer(piece));
                                    }
                                })
                        .bind(InetAddress.getLoopbackAddress(), 0)
                        .sync()
                        .channel();
        int port = ((InetSocketAddress) server.localAddress()).getPort();
        System.out.println("listening on 127.0.0.1:" + port);
        server.closeFuture().sync();
    }

    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final ByteBuf piece;
        private final StringBuilder text = new StringBuilder();
        private long left = -1;

        Answer(ByteBuf piece) {
            this.piece = piece;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            text.append(bytes.toString(StandardCharsets.US_ASCII));
            bytes.release();
            if (left < 0) {
                left = TlsRequest.bytes(text.toString());
                send(context);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            send(context);
            context.fireChannelWritabilityChanged();
        }

        private void send(ChannelHandlerContext context) {
            while (left > 0 && context.channel().isWritable()) {
                int length = (int) Math.min(left, TlsRequest.PIECE_BYTES);
                left -= length;
                ByteBuf part = piece.retainedSlice(0, length);
                if (left == 0) {
                    context.writeAndFlush(part).addListener(ChannelFutureListener.CLOSE);
                } else {
                    context.writeAndFlush(part, context.voidPromise());
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
