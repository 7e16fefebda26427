// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import static dev.tcpstates.jfr.junit.FakeSocket.accepted;
import static dev.tcpstates.jfr.junit.FakeSocket.connected;
import static dev.tcpstates.jfr.junit.FakeSocket.listening;
import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tcpstates.jfr.TcpState;
import dev.tcpstates.jfr.junit.FakeSocket.Site;
import java.io.File;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users of AssertJ expect, and how a test selects sockets. */
class AssertJTest extends WithFakeRecording {
  @Test
  void descriptionsPrecedeTheMessage() {
    connected(Site.CLIENT, 80);
    assertEquals(
        "[the shop's 2nd call] 1 connect where at most 0 may be",
        sentence(tcp, all -> all.as("the shop's %s call", "2nd").connectsAtMost(0)));
    assertEquals(
        "[100 %] 1 of 1 socket left open",
        sentence(tcp, all -> all.as("100 %").filteredOn(s -> true).leavesNoSocketOpen()));
    assertTrue(
        sentence(tcp.incoming(), all -> all.as("server").hasNoResets())
            .startsWith("[server] Nothing to judge: incoming() selects none"));
  }

  @Test
  void extracting() {
    connected(Site.CLIENT, 80);
    connected(Site.METRICS, 81);
    listening(90);
    assertThat(tcp.outgoing()).extracting(TcpSocket::port).containsExactly(80, 81);
    assertThat(tcp)
        .sockets()
        .filteredOn(TcpSocket::isOutgoing)
        .extracting(TcpSocket::state)
        .containsOnly(TcpState.ESTABLISHED);
    String text =
        failure(tcp.outgoing(), all -> all.as("ports").extracting(TcpSocket::port).contains(443));
    assertTrue(text.startsWith("[[ports] 2 sockets\n\n1 of them opened here:\n"), text);
    assertTrue(text.contains("    at com.shop.Client.ask(Client.java:44)\n"), text);
    assertTrue(text.contains("The recording, if it is kept: "), text);
    assertTrue(text.contains("[80, 81]"), text);
    assertTrue(
        sentence(tcp.toPort(1), all -> all.extracting(TcpSocket::port).isEmpty())
            .startsWith("Nothing to judge: toPort(1) selects none"));
    assertThat(tcp.toPort(1)).allowEmpty().extracting(TcpSocket::port).isEmpty();
  }

  @Test
  void filteredOn() {
    FakeSocket closed = connected(Site.CLIENT, 80).to("LAST_ACK");
    closed.ends("FIN", null);
    connected(Site.METRICS, 81);
    assertThat(tcp).filteredOn(socket -> socket.port() == 80).leavesNoSocketOpen();
    assertThat(tcp.filteredOn(socket -> socket.end() != null)).connectsExactly(1);
    assertEquals(
        "1 of 1 socket left open",
        sentence(tcp, all -> all.filteredOn(s -> s.port() == 81).leavesNoSocketOpen()));
    assertTrue(
        sentence(tcp.outgoing(), all -> all.filteredOn(s -> s.port() == 1).hasNoResets())
            .startsWith("Nothing to judge: outgoing().filteredOn(...) selects none"));
    assertThat(tcp).allowEmpty().filteredOn(socket -> false).hasNoResets();
  }

  @Test
  void satisfies() {
    connected(Site.CLIENT, 80);
    connected(Site.METRICS, 81);
    assertThat(tcp).satisfies(all -> assertEquals(2, all.list().size())).connectsExactly(2);
    assertThat(tcp).allSatisfy(socket -> assertTrue(socket.isOutgoing()));
    String text = failure(tcp, all -> all.allSatisfy(s -> assertEquals(80, s.port())));
    assertTrue(text.startsWith("1 of 2 sockets not as asserted\n\n1 opened here:\n"), text);
    assertTrue(text.contains("at com.shop.metrics.Push.run(Push.java:12)"), text);
    assertTrue(text.contains(":81  expected: <80> but was: <81>  (socket "), text);
  }

  @Test
  void toHost() {
    connected(Site.CLIENT, 80); // 127.0.0.2
    accepted(90);
    assertThat(tcp.toHost("127.0.0.2")).connectsExactly(1);
    assertThat(tcp.toHost("127.0.0.2").toPort(80)).connectsExactly(1);
    assertThat(tcp.toHost("127.0.0.1")).connectsExactly(0);
    assertThrows(IllegalArgumentException.class, () -> tcp.toHost("no such host"));
    assertTrue(
        sentence(tcp.toHost("127.0.0.3"), TcpAssert::hasNoResets)
            .startsWith("Nothing to judge: toHost(\"127.0.0.3\") selects none"));
  }

  /** The values of an incoming connection, a listener and one that has ended. */
  @Test
  void values() {
    FakeSocket listener = listening(80);
    FakeSocket accepted = accepted(80);
    connected(Site.CLIENT, 81).retransmits(2).ends(event -> event.bytesSent = 7);
    List<TcpSocket> all = tcp.list();
    assertEquals(3, all.size());
    assertEquals(TcpState.LISTEN, all.get(0).state());
    assertEquals(
        "127.0.0.1:80  LISTEN  opened by com.shop.Listener.open:3 < com.shop.ShopTest.buys:30",
        all.get(0).toString());
    assertEquals(Long.parseLong(listener.hexId(), 16), all.get(0).socketId());
    assertTrue(all.get(1).isIncoming());
    assertEquals(Long.parseLong(accepted.hexId(), 16), all.get(1).socketId());
    assertTrue(all.get(1).openedBy().startsWith("com.shop.Server.accept:7"));
    assertTrue(all.get(1).acceptQueueWait() != null && all.get(1).end() == null);
    assertEquals(TcpState.CLOSE, all.get(2).state());
    assertEquals(7, all.get(2).end().bytesSent());
    assertEquals(2, all.get(2).retransmits());
    assertEquals("main", all.get(2).openThread());
    assertTrue(all.get(2).openingStack().contains("com.shop.Client.ask:44"));
  }

  /** A test that does not use AssertJ compiles without it. */
  @Test
  void assertJMayBeMissing(@TempDir Path classes) {
    String source =
        """
        import static dev.tcpstates.jfr.junit.TcpAssert.assertThat;
        import dev.tcpstates.jfr.junit.*;
        class Some {
          void test(TcpConnections tcp) {
            assertThat(tcp.outgoing()).as("x").connectsAtMost(1).isNotEmpty()
                .filteredOn(s -> s.port() == 80).allSatisfy(s -> {}).hasNoResets();
          }
        }
        """;
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("assertj"))
            .collect(Collectors.joining(File.pathSeparator));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter output = new StringWriter();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Some.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    boolean compiled =
        compiler
            .getTask(
                output,
                null,
                null,
                List.of("-proc:none", "-cp", classPath, "-d", classes.toString()),
                null,
                List.of(file))
            .call();
    assertTrue(compiled, output.toString());
  }
}
