// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.diag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.libbpf.JnaLoader;
import dev.tcpstates.agent.kernel.sampled.SampledSocket;
import dev.tcpstates.jfr.TcpState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The running kernel's answers about sockets of this JVM. */
class SockDiagIT {
  private final JnaNetlink netlink = new JnaNetlink();
  private final SockDiag diag = new SockDiag(netlink);
  private ServerSocket server;
  private Socket client;

  @BeforeAll
  static void library() throws Exception {
    JnaLoader.load();
  }

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    client = new Socket(server.getInetAddress(), server.getLocalPort());
    client.getOutputStream().write(new byte[100]);
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    server.close();
    diag.close();
  }

  private Map<Integer, Long> cookies(int state) throws DiagException {
    Map<Integer, Long> found = new TreeMap<>();
    diag.dump(1 << state, SockDiag.INFO, seen -> found.put(seen.localPort(), seen.cookie()));
    return found;
  }

  @Test
  void findsSocketsWithTheCookiesOfTheirDescriptors() throws DiagException {
    Map<Integer, Long> listening = cookies(TcpState.LISTEN.kernelValue());
    Map<Integer, Long> established = cookies(TcpState.ESTABLISHED.kernelValue());
    List<Long> own = new ArrayList<>();
    Descriptors descriptors = new Descriptors();
    descriptors.forEach(
        (fd, cookie) -> {
          if (descriptors.isTcp(fd)) {
            own.add(cookie);
          }
        });
    assertTrue(own.contains(listening.get(server.getLocalPort())));
    assertTrue(own.contains(established.get(client.getLocalPort())));
  }

  @Test
  void looksUpOneSocket() throws DiagException {
    List<SampledSocket> sampled = new ArrayList<>();
    diag.dump(
        1 << TcpState.ESTABLISHED.kernelValue(),
        SockDiag.INFO,
        seen -> {
          if (seen.localPort() == client.getLocalPort()) {
            sampled.add(new SampledSocket(seen, 1));
          }
        });
    assertEquals(1, sampled.size());
    SampledSocket socket = sampled.get(0);
    assertEquals(100, socket.bytesSent());
    assertEquals(server.getLocalPort(), socket.remotePort());
    assertEquals(socket.socketId(), diag.find(socket.family(), socket.id()).cookie());
  }

  /** The application may close descriptors that are not its own, and open others in their place. */
  @Test
  void anotherFileInItsPlaceIsLeftAlone(@TempDir Path directory) throws Exception {
    cookies(TcpState.LISTEN.kernelValue());
    int fd = netlink.descriptor();
    NativeDiag.close(fd);
    Path file = directory.resolve("file");
    try (FileChannel other =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      assertEquals(file.toString(), target(fd), "the lowest number that is free");
      assertTrue(cookies(TcpState.LISTEN.kernelValue()).containsKey(server.getLocalPort()));
      assertNotEquals(fd, netlink.descriptor());
      diag.close();
      assertEquals(file.toString(), target(fd));
      assertEquals(0, other.size());
    }
  }

  @Test
  void closesItsSocket() throws Exception {
    cookies(TcpState.LISTEN.kernelValue());
    String open = target(netlink.descriptor());
    assertTrue(open.startsWith("socket:"), open);
    diag.close();
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      assertTrue(all.noneMatch(fd -> open.equals(target(fd))), open);
    }
  }

  private static String target(int fd) {
    return target(Path.of("/proc/self/fd", "" + fd));
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return "none";
    }
  }
}
