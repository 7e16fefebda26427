// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * Connects by one of Netty's transports to each {@code address:port} of its arguments, one after
 * the other. Prints whether and how each failed; or "unavailable" if the kernel refuses the
 * transport.
 */
public final class NettyConnects {
  private NettyConnects() {}

  public static void main(String[] args) throws Exception {
    IoHandlerFactory transport;
    Class<? extends SocketChannel> channel;
    switch (args[0]) {
      case "nio" -> {
        transport = NioIoHandler.newFactory();
        channel = NioSocketChannel.class;
      }
      case "epoll" -> {
        transport = EpollIoHandler.newFactory();
        channel = EpollSocketChannel.class;
      }
      default -> {
        if (!IoUring.isAvailable()) {
          System.out.println("unavailable");
          return;
        }
        transport = IoUringIoHandler.newFactory();
        channel = IoUringSocketChannel.class;
      }
    }
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, transport);
    for (int i = 1; i < args.length; i++) {
      String[] to = args[i].split(":");
      connect(group, channel, to[0], Integer.parseInt(to[1]));
    }
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private static void connect(
      EventLoopGroup group, Class<? extends SocketChannel> channel, String address, int port)
      throws InterruptedException {
    ChannelFuture connected =
        new Bootstrap()
            .group(group)
            .channel(channel)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(address, port)
            .await();
    System.out.println(address + ":" + port + " " + connected.cause());
    connected.channel().close().sync();
  }
}
