// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Netty itself, once through the JDK's channels and twice past them. */
final class NettyTransports {
  private static final int CONNECTIONS = 2;

  private NettyTransports() {}

  static void nio() throws Exception {
    exchange(NioIoHandler.newFactory(), NioServerSocketChannel.class, NioSocketChannel.class);
  }

  static void epoll() throws Exception {
    if (!Epoll.isAvailable()) {
      throw new Opener.Unavailable(reason(Epoll.unavailabilityCause()));
    }
    exchange(EpollIoHandler.newFactory(), EpollServerSocketChannel.class, EpollSocketChannel.class);
  }

  static void ioUring() throws Exception {
    if (!IoUring.isAvailable()) {
      throw new Opener.Unavailable(reason(IoUring.unavailabilityCause()));
    }
    exchange(
        IoUringIoHandler.newFactory(),
        IoUringServerSocketChannel.class,
        IoUringSocketChannel.class);
  }

  private static String reason(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString();
  }

  /** The client closes each connection when it has got its byte back. */
  private static void exchange(
      IoHandlerFactory transport,
      Class<? extends ServerSocketChannel> server,
      Class<? extends SocketChannel> client)
      throws InterruptedException {
    CountDownLatch served = new CountDownLatch(CONNECTIONS);
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport);
    try {
      Channel listener =
          new ServerBootstrap()
              .group(group)
              .channel(server)
              .childHandler(new Echo(served))
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      Bootstrap bootstrap = new Bootstrap().group(group).channel(client).handler(new CloseOnRead());
      for (int i = 0; i < CONNECTIONS; i++) {
        Channel channel = bootstrap.connect(listener.localAddress()).sync().channel();
        channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
        channel.closeFuture().sync();
      }
      served.await();
      listener.close().sync();
    } finally {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }

  @ChannelHandler.Sharable
  private static final class Echo extends ChannelInboundHandlerAdapter {
    private final CountDownLatch served;

    Echo(CountDownLatch served) {
      this.served = served;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      served.countDown();
    }
  }

  @ChannelHandler.Sharable
  private static final class CloseOnRead extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
      context.close();
    }
  }
}
