// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** {@code java.net} and TLS. */
final class JdkSockets {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
  private static final char[] PASSWORD = "changeit".toCharArray();

  private JdkSockets() {}

  @SuppressWarnings("deprecation")
  static void sockets() throws IOException {
    try (LocalServer server = LocalServer.echo()) {
      int port = server.port();
      use(new Socket("127.0.0.1", port));
      use(new Socket(LOOPBACK, port));
      use(new Socket("127.0.0.1", port, LOOPBACK, 0));
      use(new Socket(LOOPBACK, port, LOOPBACK, 0));
      use(new Socket("127.0.0.1", port, true));
      use(new Socket(LOOPBACK, port, true));
      Socket connected = new Socket();
      connected.connect(new InetSocketAddress(LOOPBACK, port));
      use(connected);
      Socket inTime = new Socket();
      inTime.connect(new InetSocketAddress(LOOPBACK, port), 10_000);
      use(inTime);
      Socket direct = new Socket(Proxy.NO_PROXY);
      direct.connect(new InetSocketAddress(LOOPBACK, port), 10_000);
      use(direct);
    }
  }

  static void serverSockets() throws IOException {
    // Bound to the wildcard address, and known to nobody.
    new ServerSocket(0).close();
    new ServerSocket(0, 5).close();
    serve(new ServerSocket(0, 5, LOOPBACK));
    ServerSocket bound = new ServerSocket();
    bound.bind(new InetSocketAddress(LOOPBACK, 0));
    serve(bound);
  }

  private static void serve(ServerSocket listener) throws IOException {
    try (listener;
        Socket client = new Socket(LOOPBACK, listener.getLocalPort());
        Socket accepted = listener.accept()) {
      accepted.getOutputStream().write('x');
      client.getInputStream().read();
    }
  }

  private static void use(Socket socket) throws IOException {
    try (socket) {
      socket.getOutputStream().write('x');
      if (socket.getInputStream().read() != 'x') {
        throw new IOException("no echo");
      }
    }
  }

  static void throughSocksProxy() throws IOException {
    try (LocalServer target = LocalServer.echo();
        LocalServer proxy = new LocalServer(JdkSockets::relay);
        Socket socket =
            new Socket(
                new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(LOOPBACK, proxy.port())))) {
      socket.connect(new InetSocketAddress(LOOPBACK, target.port()), 10_000);
      use(socket);
    }
  }

  /** SOCKS 5 without authentication, for one IPv4 address and one byte. */
  private static void relay(Socket client) throws IOException {
    DataInputStream in = new DataInputStream(client.getInputStream());
    in.readByte();
    in.skipNBytes(in.readUnsignedByte());
    client.getOutputStream().write(new byte[] {5, 0});
    in.skipNBytes(4);
    byte[] address = in.readNBytes(4);
    int port = in.readUnsignedShort();
    try (Socket onward = new Socket(InetAddress.getByAddress(address), port)) {
      client.getOutputStream().write(new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0});
      onward.getOutputStream().write(in.readByte());
      client.getOutputStream().write(onward.getInputStream().read());
      in.read();
    }
  }

  static void ssl() throws Exception {
    SSLContext context = tls();
    try (LocalServer server =
            new LocalServer(
                context.getServerSocketFactory().createServerSocket(0, 5, LOOPBACK),
                socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
        Socket socket = context.getSocketFactory().createSocket(LOOPBACK, server.port())) {
      use(socket);
    }
  }

  private static SSLContext tls() throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(Path.of(System.getProperty("it.keystore")))) {
      keys.load(in, PASSWORD);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(keys, PASSWORD);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
