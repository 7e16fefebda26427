// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A socket in the place of systemd-journald's. */
final class JournalSocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MAX_DATAGRAM = 1 << 16;

  static {
    Native.register(JournalSocket.class, NativeLibrary.getProcess());
  }

  private final int fd;

  JournalSocket(Path path) {
    fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    byte[] address =
        ByteBuffer.allocate(2 + name.length + 1)
            .order(ByteOrder.nativeOrder())
            .putShort((short) AF_UNIX)
            .put(name)
            .array();
    bind(fd, address, address.length);
  }

  /** The fields of the next message that has come; null if none has. */
  Map<String, String> next() {
    byte[] message = new byte[MAX_DATAGRAM];
    long length;
    try {
      length = recv(fd, message, message.length, MSG_DONTWAIT);
    } catch (LastErrorException e) {
      return null;
    }
    Map<String, String> fields = new LinkedHashMap<>();
    String text = new String(Arrays.copyOf(message, (int) length), StandardCharsets.UTF_8);
    for (String line : text.split("\n")) {
      int equals = line.indexOf('=');
      fields.put(line.substring(0, equals), line.substring(equals + 1));
    }
    return fields;
  }

  @Override
  public void close() {
    close(fd);
  }

  private static native int socket(int family, int type, int protocol) throws LastErrorException;

  private static native int bind(int fd, byte[] address, int length) throws LastErrorException;

  private static native long recv(int fd, byte[] to, long length, int flags)
      throws LastErrorException;

  private static native int close(int fd);
}
