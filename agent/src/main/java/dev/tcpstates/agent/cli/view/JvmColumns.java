// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.cli.view;

import dev.tcpstates.jfr.JvmInfo;

/** Which JVM a row is of, in the columns of bcc's tools. */
public final class JvmColumns {
  private static final int COMM = 15;

  private JvmInfo jvm;

  /** That of the rows to come. */
  public void set(JvmInfo newJvm) {
    jvm = newJvm;
  }

  public <T> void addTo(Rows<T> rows) {
    rows.left("PID", 7, row -> pid()).dispensable("COMM", COMM, row -> comm());
  }

  public String pid() {
    return jvm == null ? null : Long.toString(jvm.pid());
  }

  /** Main class without its package, or jar without its folder. */
  public String comm() {
    if (jvm == null || jvm.mainClass() == null) {
      return null;
    }
    String main = jvm.mainClass();
    String name =
        main.endsWith(".jar")
            ? main.substring(main.lastIndexOf('/') + 1)
            : main.substring(main.lastIndexOf('.') + 1);
    return name.length() <= COMM ? name : name.substring(0, COMM);
  }
}
