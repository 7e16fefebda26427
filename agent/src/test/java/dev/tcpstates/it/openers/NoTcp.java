// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Sockets that are none of ours. */
final class NoTcp {
  private NoTcp() {}

  static void run() throws Exception {
    datagrams();
    unixDomain();
    if (Epoll.isAvailable()) {
      netty();
    }
  }

  private static void datagrams() throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (DatagramSocket receiver = new DatagramSocket(anyPort);
        DatagramSocket sender = new DatagramSocket();
        DatagramChannel channel = DatagramChannel.open()) {
      DatagramPacket packet = new DatagramPacket(new byte[1], 1, receiver.getLocalSocketAddress());
      sender.send(packet);
      receiver.receive(new DatagramPacket(new byte[1], 1));
      channel.connect(receiver.getLocalSocketAddress());
      channel.write(ByteBuffer.allocate(1));
    }
  }

  private static void unixDomain() throws Exception {
    Path file = Path.of("no-tcp.socket").toAbsolutePath();
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(file);
    try (ServerSocketChannel listener =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(address)) {
      try (SocketChannel client = SocketChannel.open(address);
          SocketChannel accepted = listener.accept()) {
        client.write(ByteBuffer.allocate(1));
        accepted.read(ByteBuffer.allocate(1));
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void netty() throws Exception {
    DomainSocketAddress address =
        new DomainSocketAddress(Path.of("netty.socket").toAbsolutePath().toFile());
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      Channel listener =
          new ServerBootstrap()
              .group(group)
              .channel(EpollServerDomainSocketChannel.class)
              .childHandler(new ChannelInboundHandlerAdapter())
              .bind(address)
              .sync()
              .channel();
      new Bootstrap()
          .group(group)
          .channel(EpollDomainSocketChannel.class)
          .handler(new ChannelInboundHandlerAdapter())
          .connect(address)
          .sync()
          .channel()
          .close()
          .sync();
      new Bootstrap()
          .group(group)
          .channel(EpollDatagramChannel.class)
          .handler(new ChannelInboundHandlerAdapter())
          .bind(InetAddress.getLoopbackAddress(), 0)
          .sync()
          .channel()
          .close()
          .sync();
      listener.close().sync();
    } finally {
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
  }
}
