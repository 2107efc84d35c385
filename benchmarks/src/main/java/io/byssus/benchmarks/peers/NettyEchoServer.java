package io.byssus.benchmarks.peers;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;

/**
 * The echo peer on Netty 4.2: the handler of Netty's own {@code EchoServer} example, which writes
 * back the very buffer that it was given and flushes once per read loop.
 *
 * <p>Nothing is tuned beyond what the example does; the defaults of 4.2 (adaptive allocator, direct
 * buffers, TCP_NODELAY) are Netty's best advice and therefore the fair opponent.
 */
public final class NettyEchoServer {
    private NettyEchoServer() {}

    public static void main(String[] arguments) throws Exception {
        EchoHandler handler = new EchoHandler();
        NettyPeer.serve(
                arguments,
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(handler);
                    }
                });
    }

    private static final class EchoHandler extends ChannelInboundHandlerAdapter {
        /** Instead of the annotation, which javac reports as claimed by no processor. */
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.write(message);
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
