import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.apache.maven.artifact.versioning.ComparableVersion;

public class Maven {
    public static void main(String[] none) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        StringBuilder out = new StringBuilder();
        for (String line; (line = in.readLine()) != null; ) {
            String[] pair = line.split("\t", -1);
            int sign = new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]));
            out.append(sign < 0 ? '<' : sign > 0 ? '>' : '=').append('\n');
        }
        System.out.print(out);
    }
}
