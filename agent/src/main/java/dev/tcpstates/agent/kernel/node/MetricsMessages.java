// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel.node;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What a registered agent and the node program say to each other about metrics, on the connection
 * of the registration. An agent whose node program collects metrics says so once ({@link #hello}).
 * From then on, each request ({@link #request}) has one answer: a header and a body. Numbers are in
 * network byte order.
 */
public final class MetricsMessages {
  /** The bit of {@link NodeProtocol.Answer#features} of a node program that collects metrics. */
  public static final int FEATURE = 1;

  /** Length of a request in bytes. */
  public static final int REQUEST_BYTES = 16;

  /** Length of a header in bytes. */
  public static final int HEADER_BYTES = 20;

  /** Most bytes of a body. */
  public static final int MOST_BODY_BYTES = 256 << 10;

  private static final int MAGIC = 0x7463_706d; // "tcpm"
  private static final int VERSION = 1;
  private static final int HELLO = 1;
  private static final int REQUEST = 2;
  private static final int ANSWER = 3;

  private MetricsMessages() {}

  /**
   * What precedes a body.
   *
   * @param number that of the request
   * @param length of the body in bytes
   */
  public record Header(boolean isHello, long number, int length) {
    /**
     * Reads a header.
     *
     * @param bytes {@link #HEADER_BYTES} of them
     * @throws IOException if it is none
     */
    public static Header decode(byte[] bytes) throws IOException {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (bytes.length != HEADER_BYTES || in.getInt() != MAGIC || in.getShort() != VERSION) {
        throw new IOException("this is no answer with metrics");
      }
      int kind = in.getShort();
      Header header = new Header(kind == HELLO, in.getLong(), in.getInt());
      if (kind != HELLO && kind != ANSWER
          || header.length < 0
          || header.length > MOST_BODY_BYTES
          || header.isHello && header.length != 0) {
        throw new IOException("this is no answer with metrics");
      }
      return header;
    }
  }

  /** Returns the message that this agent answers requests. */
  public static byte[] hello() {
    return header(HELLO, 0, 0).array();
  }

  /** Returns a request with a number, which its answer repeats. */
  public static byte[] request(long number) {
    return ByteBuffer.allocate(REQUEST_BYTES)
        .putInt(MAGIC)
        .putShort((short) VERSION)
        .putShort((short) REQUEST)
        .putLong(number)
        .array();
  }

  /**
   * Reads a request, and returns its number.
   *
   * @throws IOException if it is none
   */
  public static long requestNumber(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length != REQUEST_BYTES
        || in.getInt() != MAGIC
        || in.getShort() != VERSION
        || in.getShort() != REQUEST) {
      throw new IOException("this is no request for metrics");
    }
    return in.getLong();
  }

  /** Returns the answer to a request. A body that is too long is left out. */
  public static byte[] answer(long number, byte[] body) {
    int length = body.length > MOST_BODY_BYTES ? 0 : body.length;
    return header(ANSWER, number, length).put(body, 0, length).array();
  }

  private static ByteBuffer header(int kind, long number, int length) {
    return ByteBuffer.allocate(HEADER_BYTES + length)
        .putInt(MAGIC)
        .putShort((short) VERSION)
        .putShort((short) kind)
        .putLong(number)
        .putInt(length);
  }
}
