// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.agent.kernel.wire.Layout;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What hostile processes send to the node program; whatever it is, JVMs are served on. */
class NodeProtocolIT {
  private static final int MANY = 20_000;
  private static final int MALFORMED = 2_000;
  private static final int WAITING_PER_USER = 64;

  @TempDir private Path directory;

  private NodeProgram node;

  @BeforeEach
  void start() throws Exception {
    node = NodeProgram.start(Jdk.all().get(0), directory.resolve("node"));
  }

  /** A JVM is served, and leaves nothing behind. */
  @AfterEach
  void end() throws Exception {
    try (NodeProgram closed = node) {
      Path own = Files.createDirectory(directory.resolve("jvm"));
      AgentJvm.Result result =
          new AgentJvm(Jdk.all().get(0), own)
              .options(closed.options())
              .run(NodeIT.PlainShell.class);
      assertTrue(result.ok().err().contains("(node program)"), result.err());
      closed.awaitJvms(0);
    }
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(node.socket()));
  }

  /** The answer's text: behind the magic, the version, the status and the text's length. */
  private static String answer(SocketChannel channel) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(1 << 16);
    while (channel.read(in) >= 0) {
      // until it is closed
    }
    in.flip();
    if (in.remaining() < 10) {
      return "";
    }
    byte[] text = new byte[in.getShort(8)];
    in.position(10).get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static ByteBuffer request(int magic, int version, int command, int ring) {
    return request(magic, version, command, ring, Layout.SHARED);
  }

  private static ByteBuffer request(int magic, int version, int command, int ring, int layout) {
    return ByteBuffer.allocate(24)
        .putInt(magic)
        .putShort((short) version)
        .putShort((short) command)
        .putInt(ring)
        .putInt(1)
        .putInt(0)
        .putInt(layout)
        .flip();
  }

  private String answerTo(ByteBuffer request) throws IOException {
    try (SocketChannel channel = connect()) {
      channel.write(request);
      return answer(channel);
    }
  }

  @Test
  void malformedRequestsAreRefusedWithTheReason() throws Exception {
    int magic = 0x7463_7073;
    assertEquals(
        "this is no request of a tcpstates agent", answerTo(request(magic + 1, 1, 0, 4096)));
    assertEquals(
        "this is no request of a tcpstates agent", answerTo(ByteBuffer.wrap(new byte[] {1})));
    assertTrue(answerTo(request(magic, 2, 0, 4096)).startsWith("the agent uses version 2"));
    assertTrue(
        answerTo(request(magic, 1, 0, 4096, Layout.SHARED + 1))
            .startsWith("the agent is of a release whose records have another layout"));
    assertEquals("there is no command 7", answerTo(request(magic, 1, 7, 4096)));
    assertEquals("there is no command -1", answerTo(request(magic, 1, -1, 4096)));
    for (int ring : new int[] {0, -1, 1, 4095, 4097, Integer.MIN_VALUE, 3 << 20}) {
      assertEquals(
          "a ring of " + ring + " bytes is not valid; it is a power of two, at least 4096",
          answerTo(request(magic, 1, 0, ring)));
    }
    assertTrue(answerTo(request(magic, 1, 0, 1 << 30)).contains("is larger than the 16384 KB"));
  }

  @Test
  void randomBytes() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < MALFORMED; i++) {
      byte[] bytes = new byte[1 + random.nextInt(64)];
      random.nextBytes(bytes);
      if (random.nextBoolean() && bytes.length > 6) {
        request(0x7463_7073, 1, 9, 0).get(bytes, 0, 6);
      }
      try (SocketChannel channel = connect()) {
        channel.write(ByteBuffer.wrap(bytes));
        String answer = answer(channel);
        assertTrue(!answer.isEmpty(), "no answer to " + bytes.length + " bytes");
      } catch (IOException e) {
        // More was sent than was read: the connection is reset, maybe before the answer is read.
        assertTrue(bytes.length > 24, e + " after " + bytes.length + " bytes");
      }
    }
    assertTrue(node.isAlive());
  }

  /** Silent and half-closed connections are closed, and keep nobody waiting. */
  @Test
  void slowAndHalfClosed() throws Exception {
    List<SocketChannel> silent = new ArrayList<>();
    try {
      for (int i = 0; i < WAITING_PER_USER; i++) {
        silent.add(connect());
      }
      try (SocketChannel one = connect()) {
        assertTrue(answer(one).startsWith("too many connections wait without a request"));
      }
      for (SocketChannel channel : silent) {
        assertEquals("no request came within 5 s", answer(channel));
      }
      try (SocketChannel half = connect()) {
        half.shutdownOutput();
        assertEquals("", answer(half));
      }
    } finally {
      for (SocketChannel channel : silent) {
        channel.close();
      }
    }
  }

  @Test
  void manyConnections() throws Exception {
    long descriptors = descriptors();
    for (int i = 0; i < MANY; i++) {
      SocketChannel.open(StandardProtocolFamily.UNIX).close();
      connect().close();
    }
    try (SocketChannel last = connect()) {
      last.write(request(0, 0, 0, 0));
      assertEquals("this is no request of a tcpstates agent", answer(last));
    }
    // It closes the last ones just now.
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (descriptors() != descriptors && System.nanoTime() < deadline) {
      Thread.sleep(20);
    }
    assertEquals(descriptors, descriptors(), "descriptors of the node program");
  }

  private long descriptors() throws IOException {
    try (var files = Files.list(Path.of("/proc/" + node.pid() + "/fd"))) {
      return files.count();
    }
  }
}
