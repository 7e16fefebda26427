// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One run.
 *
 * @param folder {@code samples/benchmarks}
 * @param work an empty folder for the files of this run
 * @param jdk the JDK under measurement
 */
record Bench(Path folder, Path work, Jdk jdk, Scale scale, Results results) {
  /** The same run with another JDK under measurement. */
  Bench with(Jdk other) {
    return new Bench(folder, work, other, scale, results);
  }

  /** A file of the benchmarks, or one that {@code run.sh} has built. */
  Path file(String name) {
    return folder.resolve(name).normalize();
  }

  Path agentJar() {
    return file("../../agent/target/tcpstates-agent.jar");
  }

  /** The class path of the loads, with the libraries that some of them need. */
  String classPath() {
    return file("target/classes") + ":" + file("target/libraries") + "/*";
  }

  /** A path in {@link #work} at which there is no file yet. */
  Path newFile(String suffix) throws IOException {
    Path file = Files.createTempFile(work, "", suffix);
    Files.delete(file);
    return file;
  }

  /** The list in another order each time, so that no variant always follows the same one. */
  static <T> List<T> shuffled(List<T> list) {
    List<T> shuffled = new ArrayList<>(list);
    Collections.shuffle(shuffled);
    return shuffled;
  }

  void deleteWork() throws IOException {
    if (Files.exists(work)) {
      try (Stream<Path> files = Files.walk(work)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
