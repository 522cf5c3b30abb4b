<?php
require '/usr/share/php/Composer/Semver/autoload.php';

$parser = new Composer\Semver\VersionParser();
$normal = function ($text) use ($parser) {
    try {
        return $parser->normalize($text);
    } catch (UnexpectedValueException $e) {
        return null;
    }
};
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = array_map($normal, explode("\t", rtrim($line, "\n")));
    if ($a === null || $b === null) {
        echo "!\n";
    } else {
        echo ['<', '=', '>'][version_compare($a, $b) + 1], "\n";
    }
}
