tab=$(printf '\t')
# Warnings of characters that dpkg compares all the same do not matter here; what makes no sense ends with 2.
compare() {
    dpkg --compare-versions "$1" "$2" "$3" 2>/dev/null
}
while IFS= read -r line; do
    a=${line%%"$tab"*} b=${line#*"$tab"}
    if compare "$a" lt "$b"; then
        echo "<"
    else
        compare "$a" gt "$b"
        case $? in 0) echo ">" ;; 1) echo "=" ;; *) echo "!" ;; esac
    fi
done
