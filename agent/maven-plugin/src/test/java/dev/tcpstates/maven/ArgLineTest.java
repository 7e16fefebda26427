// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ArgLineTest {
  @Test
  void theAgentIsAlone() {
    assertEquals("-javaagent:/m2/agent.jar", ArgLine.withAgent(null, "/m2/agent.jar", null));
    assertEquals("-javaagent:/m2/agent.jar", ArgLine.withAgent(" ", "/m2/agent.jar", " "));
    assertEquals(
        "-javaagent:/m2/agent.jar=log=warn,stuckAfter=5s",
        ArgLine.withAgent(null, "/m2/agent.jar", "log=warn,stuckAfter=5s"));
  }

  @Test
  void otherArgumentsStay() {
    assertEquals(
        "-javaagent:/m2/agent.jar -javaagent:/m2/jacoco.jar=destfile=/t/jacoco.exec -Xmx1g",
        ArgLine.withAgent(
            "-javaagent:/m2/jacoco.jar=destfile=/t/jacoco.exec -Xmx1g", "/m2/agent.jar", null));
    assertEquals(
        "-javaagent:/m2/agent.jar -javaagent:/m2/agent.jar.old=x",
        ArgLine.withAgent("-javaagent:/m2/agent.jar.old=x", "/m2/agent.jar", null));
  }

  @Test
  void aPathWithBlanksIsQuoted() {
    assertEquals(
        "\"-javaagent:/my m2/agent.jar=log=warn\" -Xmx1g",
        ArgLine.withAgent("-Xmx1g", "/my m2/agent.jar", "log=warn"));
    assertEquals(
        "\"-javaagent:/o'neil/agent.jar\"", ArgLine.withAgent(null, "/o'neil/agent.jar", null));
    assertEquals("'-javaagent:/a\"b/agent.jar'", ArgLine.withAgent(null, "/a\"b/agent.jar", null));
  }

  @Test
  void aSecondExecutionReplacesTheFirst() {
    for (String jar : new String[] {"/m2/agent.jar", "/my m2/agent.jar", "/a\"b/agent.jar"}) {
      for (String options : new String[] {null, "log=warn"}) {
        String first = ArgLine.withAgent("-Xmx1g", jar, options);
        assertEquals(
            ArgLine.withAgent("-Xmx1g", jar, "stackDepth=9"),
            ArgLine.withAgent(first, jar, "stackDepth=9"));
      }
    }
    assertEquals(
        "-javaagent:/m2/agent.jar -Xmx1g -ea",
        ArgLine.withAgent("-Xmx1g -javaagent:/m2/agent.jar=log=warn -ea", "/m2/agent.jar", null));
  }
}
