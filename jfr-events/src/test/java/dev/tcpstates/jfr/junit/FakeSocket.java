// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.junit;

import dev.tcpstates.jfr.event.Connection;
import dev.tcpstates.jfr.event.OpenSite;
import dev.tcpstates.jfr.event.Retransmit;
import dev.tcpstates.jfr.event.SocketOpen;
import dev.tcpstates.jfr.event.SocketState;
import dev.tcpstates.jfr.event.StateChange;
import dev.tcpstates.jfr.event.Throughput;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A socket whose events a test writes, one by one. */
final class FakeSocket {
  private static final AtomicLong IDS = new AtomicLong(0x1000);

  /** A call site, with the callers that every test has. */
  enum Site {
    CLIENT("com.shop.Client.ask:44"),
    METRICS("com.shop.metrics.Push.run:12"),
    LISTENER("com.shop.Listener.open:3"),
    SERVER("com.shop.Server.accept:7"),
    UNKNOWN(null);

    final String line;

    Site(String line) {
      this.line = line;
    }

    void commit() {
      if (line != null) {
        OpenSite event = new OpenSite();
        event.openSiteId = ordinal() + 1;
        event.openedBy = line + " < com.shop.ShopTest.buys:30";
        event.stack =
            "java.net.Socket.<init>:1\n"
                + line
                + "\ncom.shop.ShopTest.buys:30\n"
                + "jdk.internal.reflect.NativeMethodAccessorImpl.invoke0:native\n"
                + "org.junit.jupiter.Engine.execute:5\n"
                + "java.lang.Thread.run:9";
        event.commit();
      }
    }
  }

  private final long id = IDS.incrementAndGet();
  private Site site;
  private final int localPort;
  private final int port;
  private String state;
  private boolean established;
  private String kind;

  private FakeSocket(Site site, String state, int localPort, int port) {
    this.site = site;
    this.state = state;
    this.localPort = localPort;
    this.port = port;
  }

  /** The id as in failure texts. */
  String hexId() {
    return Long.toHexString(id);
  }

  /** A socket in SYN_SENT. */
  static FakeSocket connecting(Site site, int port) {
    return new FakeSocket(site, "CLOSE", 50_000, port).opened().to("SYN_SENT");
  }

  /** An established outgoing connection. */
  static FakeSocket connected(Site site, int port) {
    return connecting(site, port).to("ESTABLISHED", Duration.ofMillis(1));
  }

  static FakeSocket listening(int port) {
    return new FakeSocket(Site.LISTENER, "CLOSE", port, 0).opened().to("LISTEN");
  }

  /** An incoming connection, with the listener's opener until it is accepted. */
  static FakeSocket accepted(int port) {
    return queued(port).isAccepted();
  }

  /** An incoming connection that waits for accept. */
  static FakeSocket queued(int port) {
    Site.LISTENER.commit();
    return new FakeSocket(Site.LISTENER, "LISTEN", port, 50_000).to("SYN_RECV").to("ESTABLISHED");
  }

  FakeSocket isAccepted() {
    site = Site.SERVER;
    return opened();
  }

  /** A connect that fails without a transition. */
  static void failedAtOnce(Site site, String end, String reason) {
    FakeSocket socket = new FakeSocket(site, "CLOSE", 50_000, 80);
    socket.opened().emitsItsEnd(end, reason);
  }

  /** A socket that was open before the recording. */
  static FakeSocket old() {
    return new FakeSocket(Site.CLIENT, "ESTABLISHED", 50_000, 80);
  }

  /** A socket of which only the opening is recorded, as if the agent polls. */
  static FakeSocket sampled(Site site, String kind) {
    FakeSocket socket = new FakeSocket(site, "CLOSE", 50_000, 80);
    socket.kind = kind;
    return socket.opened();
  }

  private FakeSocket opened() {
    site.commit();
    SocketOpen event = new SocketOpen();
    event.socketId = id;
    event.kind = kind;
    event.openSiteId = siteId();
    event.commit();
    return this;
  }

  FakeSocket to(String newState) {
    return to(newState, Duration.ZERO);
  }

  FakeSocket to(String newState, Duration timeInState) {
    StateChange event = new StateChange();
    event.socketId = id;
    event.localAddress = "127.0.0.1";
    event.localPort = localPort;
    event.address = "127.0.0.2";
    event.port = port;
    event.oldState = state;
    event.newState = newState;
    event.timeInState = timeInState.toNanos();
    event.openedBy = site.line == null ? "unknown: opened by no method that is hooked" : site.line;
    event.openThread = "main";
    event.openSiteId = siteId();
    event.commit();
    state = newState;
    established |= newState.equals("ESTABLISHED");
    return this;
  }

  /** Goes to CLOSE. */
  void ends(String end, String reason) {
    to("CLOSE");
    emitsItsEnd(end, reason);
  }

  /** Goes to CLOSE by FIN, with more in its event. */
  void ends(Consumer<Connection> more) {
    to("CLOSE");
    emitsItsEnd("FIN", null, more);
  }

  /** A snapshot shows how long it has been without payload. */
  FakeSocket isIdle(Duration time) {
    SocketState event = new SocketState();
    event.socketId = id;
    event.state = state;
    event.lastSent = time.toNanos();
    event.lastReceived = time.plusSeconds(1).toNanos();
    event.openSiteId = siteId();
    event.commit();
    return this;
  }

  FakeSocket retransmits(int segments) {
    Retransmit event = new Retransmit();
    event.socketId = id;
    event.segments = segments;
    event.openSiteId = siteId();
    event.commit();
    return this;
  }

  FakeSocket sends(long bytes) {
    Throughput event = new Throughput();
    event.socketId = id;
    event.sockets = 1;
    event.bytesSent = bytes;
    event.openSiteId = siteId();
    event.commit();
    return this;
  }

  void emitsItsEnd(String end, String reason) {
    emitsItsEnd(end, reason, event -> {});
  }

  private void emitsItsEnd(String end, String reason, Consumer<Connection> more) {
    Connection event = new Connection();
    event.socketId = id;
    boolean incoming = site == Site.SERVER || site == Site.LISTENER;
    event.kind = kind != null ? kind : incoming ? "ACCEPT" : "CONNECT";
    event.openedBy = site.line;
    event.openThread = "main";
    event.openSiteId = siteId();
    event.end = end;
    event.reason = reason;
    event.established = established;
    more.accept(event);
    event.commit();
  }

  private long siteId() {
    return site == Site.UNKNOWN ? 0 : site.ordinal() + 1;
  }
}
