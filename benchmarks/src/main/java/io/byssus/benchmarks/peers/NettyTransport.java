package io.byssus.benchmarks.peers;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.util.function.Supplier;

/**
 * The three ways in which Netty 4.2 can talk to a Linux kernel, each with its defaults.
 *
 * <p>Every peer runs on exactly one event loop, which accepts as well: that is what one shard of
 * Byssus is compared with.
 */
enum NettyTransport {
    EPOLL(EpollServerSocketChannel.class, EpollIoHandler::newFactory),
    IO_URING(IoUringServerSocketChannel.class, IoUringIoHandler::newFactory),
    NIO(NioServerSocketChannel.class, NioIoHandler::newFactory);

    private final Class<? extends ServerChannel> serverChannel;
    private final Supplier<IoHandlerFactory> ioHandler;

    NettyTransport(
            Class<? extends ServerChannel> serverChannel, Supplier<IoHandlerFactory> ioHandler) {
        this.serverChannel = serverChannel;
        this.ioHandler = ioHandler;
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    /** One thread that is both boss and worker. */
    EventLoopGroup oneEventLoop() {
        return new MultiThreadIoEventLoopGroup(1, ioHandler.get());
    }
}
