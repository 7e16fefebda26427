// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.http;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One request of HTTP/1.1 and its answer, after which the connection is closed. */
final class HttpExchange {
  /** Prometheus gives up after 10 s by default. */
  private static final long LONGEST_NANOS = 10_000_000_000L;

  private static final int MOST_BYTES = 1 << 14;
  private static final String END = "\r\n\r\n";

  private final SocketChannel channel;
  private final Selector selector;
  private final long deadline = System.nanoTime() + LONGEST_NANOS;
  private String request = "";

  HttpExchange(SocketChannel channel, Selector selector) {
    this.channel = channel;
    this.selector = selector;
  }

  /**
   * Reads the request up to the end of its head.
   *
   * @throws IOException if none comes in time, or one that is too long
   */
  void read() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES);
    while (!request.contains(END)) {
      if (!buffer.hasRemaining()) {
        throw new IOException("the request is too long");
      }
      await(SelectionKey.OP_READ);
      if (channel.read(buffer) < 0) {
        throw new EOFException();
      }
      request = new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
    }
  }

  /** Such as {@code GET}. */
  String method() {
    return word(0);
  }

  /** Such as {@code /metrics}, without a query. */
  String path() {
    String target = word(1);
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** Whether the client may not know answers in parts. */
  boolean isOld() {
    return !word(2).equals("HTTP/1.1");
  }

  private String word(int number) {
    String[] words = request.substring(0, request.indexOf('\r')).split(" ");
    return number < words.length ? words[number] : "";
  }

  /** The value of a header; empty if there is none. */
  String header(String name) {
    String start = name.toLowerCase(Locale.ROOT) + ":";
    for (String line : request.split("\r\n")) {
      if (line.toLowerCase(Locale.ROOT).startsWith(start)) {
        return line.substring(start.length()).strip();
      }
    }
    return "";
  }

  /** Answers. A request with the method HEAD gets no body. */
  void answer(String status, String contentType, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    head(status, contentType, "Content-Length: " + bytes.length);
    if (!method().equals("HEAD")) {
      write(ByteBuffer.wrap(bytes));
    }
  }

  /** Answers with what the caller adds part by part, up to an empty one. */
  void begin(String status, String contentType) throws IOException {
    head(status, contentType, "Transfer-Encoding: chunked");
  }

  /** Adds a part; an empty one is the end. */
  void add(String part) throws IOException {
    if (!method().equals("HEAD")) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      write(ascii(Integer.toHexString(bytes.length) + "\r\n"));
      write(ByteBuffer.wrap(bytes));
      write(ascii("\r\n"));
    }
  }

  private void head(String status, String contentType, String length) throws IOException {
    write(
        ascii(
            "HTTP/1.1 "
                + status
                + "\r\nContent-Type: "
                + contentType
                + "\r\n"
                + length
                + "\r\nConnection: close"
                + END));
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE);
      }
    }
  }

  private void await(int operation) throws IOException {
    SelectionKey key = channel.keyFor(selector);
    key.interestOps(operation);
    long millis = (deadline - System.nanoTime()) / 1_000_000;
    if (millis <= 0 || selector.select(millis) == 0) {
      throw new SocketTimeoutException();
    }
    selector.selectedKeys().clear();
  }
}
