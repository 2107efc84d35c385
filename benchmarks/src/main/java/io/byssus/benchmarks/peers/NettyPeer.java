package io.byssus.benchmarks.peers;

import io.byssus.benchmarks.Arguments;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Starts a Netty server on one event loop and serves until the process is killed: the part that the
 * echo and the HTTP peer have in common.
 */
final class NettyPeer {
    /**
     * The same queue of pending connections for every peer; Netty's own default is the kernel's.
     */
    private static final int BACKLOG = 1024;

    private NettyPeer() {}

    /**
     * Parses {@code --port} and {@code --transport}, binds, prints the line that the runner waits
     * for, and parks the calling thread for good.
     */
    static void serve(String[] arguments, ChannelHandler childHandler) throws Exception {
        Arguments options =
                Arguments.parse(
                        arguments,
                        "usage: --port N --transport epoll|io_uring|nio",
                        List.of("port", "transport"),
                        List.of());
        NettyTransport transport =
                options.constant("transport", NettyTransport.class, NettyTransport.EPOLL);
        EventLoopGroup loop = transport.oneEventLoop();
        try {
            Channel server =
                    new ServerBootstrap()
                            .group(loop)
                            .channel(transport.serverChannel())
                            .option(ChannelOption.SO_BACKLOG, BACKLOG)
                            .childHandler(childHandler)
                            .bind(InetAddress.getLoopbackAddress(), options.number("port", 0))
                            .sync()
                            .channel();
            ReadyLine.print(((InetSocketAddress) server.localAddress()).getPort());
            server.closeFuture().sync();
        } finally {
            loop.shutdownGracefully();
        }
    }
}
