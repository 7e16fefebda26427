// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;

/**
 * Serves on a socket that it was started with: descriptor 3, as systemd hands it over, or 0, as
 * inetd does. Arguments: the descriptor, and the number of connections to accept.
 */
public final class Inheritor {
  /** The first of the descriptors that systemd hands over. */
  private static final int LISTEN_FDS_START = 3;

  private Inheritor() {}

  public static void main(String[] arguments) throws Exception {
    // Standard output may be taken away together with standard input.
    PrintStream out = System.err;
    int fd = Integer.parseInt(arguments[0]);
    Channel inherited = fd == LISTEN_FDS_START ? channel(fd) : System.inheritedChannel();
    out.println("inherited " + (inherited instanceof ServerSocketChannel ? "listener" : "peer"));
    if (inherited instanceof ServerSocketChannel server) {
      try (server) {
        for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
          try (SocketChannel accepted = server.accept()) {
            readToEnd(accepted);
          }
        }
      }
    } else {
      try (SocketChannel peer = (SocketChannel) inherited) {
        readToEnd(peer);
      }
    }
  }

  private static void readToEnd(SocketChannel channel) throws IOException {
    channel.configureBlocking(true);
    while (channel.read(ByteBuffer.allocate(1)) != -1) {
      // goes on
    }
  }

  /** The JDK has no public way to a descriptor other than 0. */
  private static ServerSocketChannel channel(int number) throws ReflectiveOperationException {
    if (!"1".equals(System.getenv("LISTEN_FDS"))) {
      throw new IllegalStateException("LISTEN_FDS is " + System.getenv("LISTEN_FDS"));
    }
    Constructor<FileDescriptor> descriptor = FileDescriptor.class.getDeclaredConstructor(int.class);
    descriptor.setAccessible(true);
    FileDescriptor fd = descriptor.newInstance(number);
    Class<?> type = Class.forName("sun.nio.ch.ServerSocketChannelImpl");
    Object channel;
    try { // JDK 21 and later
      Constructor<?> constructor =
          type.getDeclaredConstructor(
              SelectorProvider.class, ProtocolFamily.class, FileDescriptor.class, boolean.class);
      constructor.setAccessible(true);
      channel =
          constructor.newInstance(
              SelectorProvider.provider(), StandardProtocolFamily.INET, fd, true);
    } catch (NoSuchMethodException e) {
      Constructor<?> constructor =
          type.getDeclaredConstructor(SelectorProvider.class, FileDescriptor.class, boolean.class);
      constructor.setAccessible(true);
      channel = constructor.newInstance(SelectorProvider.provider(), fd, true);
    }
    return (ServerSocketChannel) channel;
  }
}
