// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Standard output, in UTF-8 with any locale, because other programs read it. */
public final class Output implements AutoCloseable {
  /** The reading program has ended, such as {@code head}. */
  public static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");

  private final Writer writer;

  Output(Writer writer) {
    this.writer = writer;
  }

  /** Returns an output into a text. */
  public static Output to(StringWriter text) {
    return new Output(text);
  }

  public static Output standard() {
    return new Output(
        new BufferedWriter(
            new OutputStreamWriter(
                new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8)));
  }

  public synchronized void line(CharSequence line) {
    try {
      writer.append(line).append('\n');
    } catch (IOException e) {
      throw failed(e);
    }
  }

  public synchronized void flush() {
    try {
      writer.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() {
    flush();
  }

  private static RuntimeException failed(IOException e) {
    return isPipe()
        ? new ClosedException()
        : new CommandException(Exit.FAILED, "can't write the output: " + e.getMessage());
  }

  /**
   * Whether standard output is a pipe or a socket. Writing to one fails only if nobody reads it any
   * more. The exception doesn't say so: its message is in the user's language.
   */
  private static boolean isPipe() {
    try {
      String target = Files.readSymbolicLink(STANDARD_OUTPUT).toString();
      return target.startsWith("pipe:") || target.startsWith("socket:");
    } catch (IOException e) {
      return false; // no Linux, or no /proc
    }
  }
}
