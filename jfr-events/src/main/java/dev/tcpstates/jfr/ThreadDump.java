// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The stacks of all platform threads of the JVM: Flight Recorder's event {@code jdk.ThreadDump}.
 *
 * @param time when the threads were stopped for it
 * @param text as {@code jcmd Thread.print} prints it; null if the recording lacks it
 */
public record ThreadDump(Instant time, String text) {
  /** The event's, which only the JVM writes. */
  public static final String NAME = "jdk.ThreadDump";

  /** The name may contain anything, a quotation mark or a line break too. */
  private static final Pattern THREAD =
      Pattern.compile(
          "^\"(.*)\" (?:#\\d+ |os_prio=|prio=).* nid=(0x\\p{XDigit}+|\\d+) ", Pattern.MULTILINE);

  /** Its module, if it has one, is a part of the place: {@code java.base@17/Native Method}. */
  private static final Pattern FRAME = Pattern.compile("\\tat ([^\\s(]+)\\((?:.*/)?([^/]*)\\).*");

  private static final Pattern LINE = Pattern.compile(".*(:\\d+)");
  private static final String NATIVE = ":native";

  /**
   * A thread of the dump.
   *
   * @param frames as {@code pkg.Class.method:line}, or with {@code native} instead of the line; the
   *     innermost first; empty if the thread runs no Java code; can't be modified
   */
  public record DumpedThread(String name, List<String> frames) {
    public DumpedThread {
      frames = List.copyOf(frames);
    }

    /** Whether the thread was in a native method, where it can wait in a system call. */
    public boolean isInNativeMethod() {
      return !frames.isEmpty() && frames.get(0).endsWith(NATIVE);
    }
  }

  /**
   * Returns a thread of the dump.
   *
   * @param osThreadId the kernel's id of the thread, which the dump shows as {@code nid}
   */
  public Optional<DumpedThread> thread(long osThreadId) {
    if (text == null) {
      return Optional.empty();
    }
    Matcher matcher = THREAD.matcher(text);
    while (matcher.find()) {
      if (Long.decode(matcher.group(2)) == osThreadId) {
        return Optional.of(new DumpedThread(matcher.group(1), frames(matcher.end())));
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the frames after the thread's first line: up to the empty line that ends the thread.
   */
  private List<String> frames(int from) {
    List<String> frames = new ArrayList<>();
    String rest = text.substring(from);
    int end = rest.indexOf("\n\n");
    for (String line : (end < 0 ? rest : rest.substring(0, end)).split("\n")) {
      Matcher frame = FRAME.matcher(line);
      if (frame.matches()) {
        frames.add(frame.group(1) + place(frame.group(2)));
      }
    }
    return frames;
  }

  private static String place(String text) {
    if (text.equals("Native Method")) {
      return NATIVE;
    }
    Matcher line = LINE.matcher(text);
    return line.matches() ? line.group(1) : "";
  }
}
