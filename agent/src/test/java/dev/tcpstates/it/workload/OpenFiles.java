// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.workload;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Keeps files open until only so many descriptors are left, and opens and closes all but a few of
 * these again and again until standard input ends. Prints {@code ready}, and at the end how often a
 * file could not be opened.
 *
 * <p>Arguments: how many are left, and of these, how many it does not use.
 */
public final class OpenFiles {
  private static final String FILE = "/dev/null";

  private OpenFiles() {}

  public static void main(String[] args) throws Exception {
    int left = Integer.parseInt(args[0]);
    int unused = Integer.parseInt(args[1]);
    List<FileInputStream> kept = new ArrayList<>();
    int open = open();
    for (int i = limit() - open - left; i > 0; i--) {
      kept.add(new FileInputStream(FILE));
    }
    System.out.println("ready");
    int failures = 0;
    while (System.in.available() == 0) {
      failures += openAndClose(left - unused) ? 0 : 1;
      TimeUnit.MILLISECONDS.sleep(1);
    }
    for (FileInputStream file : kept) {
      file.close();
    }
    System.out.println("failures " + failures);
  }

  private static int limit() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      if (line.startsWith("Max open files")) {
        return Integer.parseInt(line.split("\\s+")[3]);
      }
    }
    throw new IllegalStateException("no limit");
  }

  private static int open() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return (int) files.count() - 1; // the listing itself
    }
  }

  private static boolean openAndClose(int count) {
    List<FileInputStream> files = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        files.add(new FileInputStream(FILE));
      }
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      for (FileInputStream file : files) {
        try {
          file.close();
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
