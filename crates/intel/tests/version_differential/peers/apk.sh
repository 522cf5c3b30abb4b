tab=$(printf '\t')
while IFS= read -r line; do
    apk version -t "${line%%"$tab"*}" "${line#*"$tab"}"
done
